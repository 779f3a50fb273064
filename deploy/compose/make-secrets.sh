#!/bin/sh
# Makes the files of secrets/ that compose.yaml hands to its services. What is there already stays.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets

write() {
    [ -e "secrets/$1" ] || printf '%s\n' "$2" > "secrets/$1"
    # A container's user has another number than ours: readable for it, in a folder that is not for others.
    chmod 0444 "secrets/$1"
}

random() { openssl rand -hex 24; }

write temporal_db_password "$(random)"
write ledger_db_password "$(random)"
write DUBAN_DATABASE_URL "postgresql://duban:$(cat secrets/ledger_db_password)@postgresql/duban"
write DUBAN_PAYLOAD_KEYS "k$(date +%Y%m%d):$(openssl rand -base64 32)"
echo 'secrets/ is made. Keep a copy of DUBAN_PAYLOAD_KEYS elsewhere: without it no history can be read.'

#!/bin/sh
# The ledger's database, of an owner of its own: Temporal's has no business in it. Run once, by the image of PostgreSQL,
# on an empty volume.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set password="$(cat /run/secrets/ledger_db_password)" <<'SQL'
CREATE ROLE duban LOGIN PASSWORD :'password';
CREATE DATABASE duban OWNER duban ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE duban FROM PUBLIC;
SQL

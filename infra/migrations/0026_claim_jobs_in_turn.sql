-- Long work, such as encoding an hour of video, has slots of its own in each worker, so that it never holds all of them.
-- Jobs of an earlier version count as short.
alter table jobs add column is_long boolean not null default false;

-- The next job of each tenant, and the jobs that the relay takes. Building the indexes reads the table once and blocks
-- writes to jobs meanwhile; only pending jobs are in them. The second replaces jobs_due_idx, which a later migration
-- drops.
-- squawk-ignore require-concurrent-index-creation
create index jobs_turn_idx on jobs (is_long, tenant_id, priority desc, run_after)
  where status = 'pending' and waits_for is null;
-- squawk-ignore require-concurrent-index-creation
create index jobs_take_idx on jobs (job_type, is_long, priority desc, run_after)
  where status = 'pending' and waits_for is null;
-- How many messages are under way.
-- squawk-ignore require-concurrent-index-creation
create index jobs_published_idx on jobs (job_type, is_long, published_at)
  where status = 'pending' and waits_for is null and published_at is not null;

-- When a job of each tenant was last claimed: of the tenants with work, the one that waited longest has its turn.
create table job_turns (
  tenant_id uuid primary key references tenants on delete cascade,
  taken_at timestamptz not null
);
alter table job_turns enable row level security;
alter table job_turns force row level security;
create policy tenant on job_turns to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
create policy system on job_turns to akashi_system using (true);
grant select, insert, update on job_turns to akashi_app;
grant select on job_turns to akashi_system;

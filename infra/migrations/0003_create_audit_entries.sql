-- Who did what to what: added to and never changed. Each entry carries the hash of the one before it, tenant by tenant.
-- Actors and targets are named, not referred to: the entry outlives them.
create table audit_entries (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  seq bigint not null check (seq > 0),
  action text not null,
  target_id text,
  target_name text,
  actor_id uuid,
  actor_name text,
  api_key_id uuid,
  before jsonb,
  after jsonb,
  address text,
  request_id text,
  previous_hash text not null,
  hash text not null,
  created_at timestamptz not null,
  constraint audit_entries_seq_key unique (tenant_id, seq)
);
create index audit_entries_newest_idx on audit_entries (tenant_id, created_at desc, id desc);
create index audit_entries_target_idx on audit_entries (tenant_id, target_id, created_at desc, id desc);
create index audit_entries_actor_idx on audit_entries (tenant_id, actor_id, created_at desc, id desc);

alter table audit_entries enable row level security;
alter table audit_entries force row level security;
create policy tenant on audit_entries to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
create policy system on audit_entries to akashi_system using (true) with check (true);
grant select, insert on audit_entries to akashi_app, akashi_system;

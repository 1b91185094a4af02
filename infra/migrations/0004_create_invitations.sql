-- Somebody who may make themselves an account. Only the hash of the token is kept.
create table invitations (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  email text not null check (email = lower(email)),
  role text not null check (role in ('admin', 'manager', 'editor', 'viewer', 'user')),
  token_hash text not null constraint invitations_token_hash_key unique,
  invited_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz
);
create index invitations_newest_idx on invitations (tenant_id, created_at desc, id desc);
create unique index invitations_open_key on invitations (tenant_id, email) where accepted_at is null;

alter table invitations enable row level security;
alter table invitations force row level security;
create policy tenant on invitations to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
create policy system on invitations to akashi_system using (true) with check (true);
grant select, insert, update, delete on invitations to akashi_app, akashi_system;

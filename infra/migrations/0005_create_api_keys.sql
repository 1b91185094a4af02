-- Keys for programs. The secret is known to its owner alone: what is kept is its HMAC and its first characters.
create table api_keys (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  user_id uuid not null references users on delete cascade,
  name text not null check (length(name) between 1 and 255),
  key_prefix text not null,
  key_hmac text not null constraint api_keys_hmac_key unique,
  scopes text[] not null check (scopes <@ array['read', 'write', 'admin'] and cardinality(scopes) > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  last_used_from text,
  revoked_at timestamptz
);
create index api_keys_newest_idx on api_keys (tenant_id, created_at desc, id desc);
create index api_keys_user_idx on api_keys (user_id, created_at desc);

alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy tenant on api_keys to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
create policy system on api_keys to akashi_system using (true) with check (true);
grant select, insert, update, delete on api_keys to akashi_app, akashi_system;

-- An address that an account is to have once its owner opens the link that was sent there. Only the hash of the token is
-- kept.
create table email_changes (
  user_id uuid primary key references users on delete cascade,
  tenant_id uuid not null references tenants,
  token_hash text not null,
  email text not null check (email = lower(email)),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create unique index email_changes_token_idx on email_changes (token_hash);
create index email_changes_expiry_idx on email_changes (expires_at);

alter table email_changes enable row level security;
alter table email_changes force row level security;
create policy tenant on email_changes to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
create policy system on email_changes to akashi_system using (true) with check (true);
grant select, insert, update, delete on email_changes to akashi_app, akashi_system;

-- A link counts while the account has the address that it was sent to; null in rows of an earlier version.
alter table password_resets add column email text;

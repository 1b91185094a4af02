-- Messages that wait for the mail server. The letter (receiver, secret of a link) is sealed; the row goes when it is sent.
create table mails (
  id uuid primary key,
  letter text not null,
  attempts integer not null default 0,
  run_after timestamptz not null default now(),
  -- After this nobody needs the message any more.
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index mails_due_idx on mails (run_after);

-- Requests may post letters and never read one.
alter table mails enable row level security;
alter table mails force row level security;
create policy tenant on mails for insert to akashi_app with check (true);
create policy system on mails to akashi_system using (true) with check (true);
grant insert on mails to akashi_app;
grant select, insert, update, delete on mails to akashi_system;

-- Somebody who may choose a new password. Only the hash of the token is kept.
create table password_resets (
  token_hash text primary key,
  tenant_id uuid not null references tenants,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index password_resets_user_idx on password_resets (user_id);
create index password_resets_expiry_idx on password_resets (expires_at);

alter table password_resets enable row level security;
alter table password_resets force row level security;
create policy tenant on password_resets to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
create policy system on password_resets to akashi_system using (true) with check (true);
grant select, insert, update, delete on password_resets to akashi_app, akashi_system;

-- What became of the message; null where none was to be sent.
alter table invitations add column mail_status text;
alter table invitations add constraint invitations_mail_status_check
  check (mail_status in ('waiting', 'sent', 'failed')) not valid;

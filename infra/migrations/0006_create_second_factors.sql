-- What somebody shows beside their password or instead of it: an authenticator app (TOTP), codes on paper, passkeys.
create table totp_secrets (
  user_id uuid primary key references users on delete cascade,
  tenant_id uuid not null references tenants,
  -- Both sealed (lib/platform/secrets.ts) and bound to their person. The pending one waits for its first code.
  secret text,
  pending_secret text,
  pending_until timestamptz,
  -- The time step of the last code that was taken: it and those before it are spent (RFC 6238 §5.2).
  last_step bigint not null default 0,
  confirmed_at timestamptz,
  last_used_at timestamptz,
  check ((secret is null) = (confirmed_at is null))
);

-- Ten for each person who has a second factor. 120 random bits need no slow hash.
create table recovery_codes (
  user_id uuid not null references users on delete cascade,
  tenant_id uuid not null references tenants,
  code_hash text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  primary key (user_id, code_hash)
);

create table passkeys (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  user_id uuid not null references users on delete cascade,
  credential_id text not null constraint passkeys_credential_key unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  -- Kept by a password manager on several devices; else it lives in this one alone.
  is_synced boolean not null,
  name text not null check (length(name) between 1 and 255),
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkeys_user_idx on passkeys (user_id, created_at);

-- Random values that must come back once and soon: WebAuthn's, and the first of two steps of a sign-in. Nobody's
-- (no tenant, no person) when a stranger begins to sign in.
create table challenges (
  token_hash text primary key,
  purpose text not null check (purpose in ('second_step', 'passkey_registration', 'passkey_sign_in')),
  tenant_id uuid references tenants,
  user_id uuid references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index challenges_expiry_idx on challenges (expires_at);

do $$
declare name text;
begin
  foreach name in array array['totp_secrets', 'recovery_codes', 'passkeys', 'challenges'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to akashi_app using (tenant_id = (select current_tenant())) '
      'with check (tenant_id = (select current_tenant()))', name);
    execute format('create policy system on %I to akashi_system using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to akashi_app, akashi_system', name);
  end loop;
end $$;

-- A session whose person's rights or factors changed gets another token; the one before is good for seconds, for what
-- was on its way.
alter table sessions
  add column rotation_due boolean not null default false,
  add column rotated_at timestamptz,
  add column previous_token_hash text;
-- Holds no row when it is made.
-- squawk-ignore require-concurrent-index-creation
create index sessions_previous_token_idx on sessions (previous_token_hash) where previous_token_hash is not null;

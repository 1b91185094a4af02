-- Where people of a tenant may sign in with an account of another house (OpenID Connect). The client secret is sealed.
create table providers (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  name text not null check (length(name) between 1 and 100),
  issuer text not null,
  client_id text not null,
  client_secret text,
  scopes text[] not null,
  -- Where the groups are in what the provider says of somebody, and the role that each stands for.
  group_claim text,
  group_roles jsonb not null default '{}',
  creates_users boolean not null default false,
  default_role text not null default 'viewer'
    check (default_role in ('admin', 'manager', 'editor', 'viewer', 'user')),
  links_users boolean not null default false,
  -- Empty: any.
  email_domains text[] not null default '{}',
  -- Whoever signs in here owes no second factor of ours.
  is_strong boolean not null default false,
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index providers_tenant_idx on providers (tenant_id, created_at, id);

-- Who somebody is at a provider.
create table identities (
  provider_id uuid not null references providers on delete cascade,
  subject text not null,
  tenant_id uuid not null references tenants,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  primary key (provider_id, subject)
);
create index identities_user_idx on identities (user_id);

do $$
declare name text;
begin
  foreach name in array array['providers', 'identities'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to akashi_app using (tenant_id = (select current_tenant())) '
      'with check (tenant_id = (select current_tenant()))', name);
    execute format('create policy system on %I to akashi_system using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to akashi_app, akashi_system', name);
  end loop;
end $$;

-- Of a session: it began at a provider that stands for a second factor. Of the second step of a sign-in: the provider of
-- the first one, for the audit.
alter table sessions add column is_strong boolean not null default false;
alter table challenges add column provider text;

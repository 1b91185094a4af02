-- People who are named together, so that what is shared with a group follows who is in it.
create table groups (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  name text not null check (length(name) between 1 and 255),
  description text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index groups_name_key on groups (tenant_id, lower(name));

create table group_members (
  group_id uuid not null references groups on delete cascade,
  user_id uuid not null references users on delete cascade,
  tenant_id uuid not null references tenants,
  created_at timestamptz not null default now(),
  primary key (group_id, user_id)
);
create index group_members_user_idx on group_members (user_id);

do $$
declare name text;
begin
  foreach name in array array['groups', 'group_members'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to akashi_app using (tenant_id = (select current_tenant())) '
      'with check (tenant_id = (select current_tenant()))', name);
    execute format('grant select, insert, update, delete on %I to akashi_app', name);
  end loop;
end $$;

-- What is private is for its maker, for those it is shared with and for administrators. Every query says so; here it is
-- said once more, for the query that forgets. A transaction that does not say who looks sees nothing private.
create function current_viewer() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.user_id', true), '')::uuid;

-- Administrators, workers and sweeps see their whole tenant.
create function sees_all() returns boolean language sql stable parallel safe
  return coalesce(current_setting('app.sees_all', true), '') = 'on';

-- Who may do what with one thing beyond what their role lets them do with all.
create table grants (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  asset_id uuid not null references assets on delete cascade,
  user_id uuid references users on delete cascade,
  group_id uuid references groups on delete cascade,
  may text not null check (may in ('view', 'edit')),
  created_at timestamptz not null default now(),
  constraint grants_subject_check check (num_nonnulls(user_id, group_id) = 1),
  constraint grants_user_key unique (asset_id, user_id),
  constraint grants_group_key unique (asset_id, group_id)
);
create index grants_user_idx on grants (user_id) where user_id is not null;
create index grants_group_idx on grants (group_id) where group_id is not null;

alter table grants enable row level security;
alter table grants force row level security;
grant select, insert, update, delete on grants to akashi_app;
create policy tenant on grants to akashi_app using (tenant_id = (select current_tenant()))
  with check (tenant_id = (select current_tenant()));
-- Rights are given and taken by transactions alone that see the whole tenant, after they looked who asks.
create policy sight on grants as restrictive for select to akashi_app using (
  (select sees_all()) or user_id = (select current_viewer())
  or group_id in (select group_id from group_members where user_id = (select current_viewer())));
create policy giving on grants as restrictive for insert to akashi_app with check ((select sees_all()));
create policy changing on grants as restrictive for update to akashi_app using ((select sees_all()));
create policy taking on grants as restrictive for delete to akashi_app using ((select sees_all()));

-- The assets that somebody was let into, by name or by group. A set of its own, so that a policy hashes it once and
-- not at all when no private row comes by.
create function granted_assets(person uuid, needed text) returns setof uuid language sql stable parallel safe
begin atomic
  select asset_id from grants
  where (needed = 'view' or may = 'edit')
    and (user_id = person or group_id in (select group_id from group_members where user_id = person));
end;

create policy sight on assets as restrictive to akashi_app using (
  visibility <> 'private' or (select sees_all()) or created_by = (select current_viewer())
  or id in (select granted_assets((select current_viewer()), 'view')));

-- What hangs on an asset is seen with it.
create policy sight on storage_locations as restrictive to akashi_app using (
  (select sees_all()) or exists (select from assets a where a.id = asset_id));
create policy sight on technical_metadata as restrictive to akashi_app using (
  (select sees_all()) or exists (select from assets a where a.id = asset_id));
create policy sight on jobs as restrictive to akashi_app using (
  (select sees_all()) or asset_id is null or exists (select from assets a where a.id = asset_id));
create policy sight on uploads as restrictive to akashi_app using (
  (select sees_all()) or created_by = (select current_viewer()));

-- Counting looks at these columns of every row that it counts; from the index alone it costs a tenth. Writing waits
-- while this is built, seconds at a million assets. It takes the place of assets_newest_idx, which a later one drops.
-- squawk-ignore require-concurrent-index-creation
create index assets_newest_seen_idx on assets (tenant_id, created_at desc, id desc) include (visibility, created_by)
  where deleted_at is null;

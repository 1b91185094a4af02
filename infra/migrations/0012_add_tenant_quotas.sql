-- How much a tenant may have of each; null is as much as there is. And a state between open and closed.
alter table tenants
  add column quota_bytes bigint,
  add column quota_assets bigint,
  add column quota_users bigint,
  add column quota_jobs bigint;
alter table tenants
  add constraint tenants_quota_check
  check (least(quota_bytes, quota_assets, quota_users, quota_jobs) >= 0) not valid;
alter table tenants
  drop constraint tenants_status_check,
  add constraint tenants_status_check check (status in ('active', 'read_only', 'suspended')) not valid;

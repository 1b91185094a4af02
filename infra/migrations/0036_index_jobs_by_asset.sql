-- The newest job of an asset stands for it in the list of jobs by asset; failed ones come first there. Building the
-- indexes reads the table and blocks writes to jobs meanwhile.
-- squawk-ignore require-concurrent-index-creation
create index jobs_of_asset_idx on jobs (asset_id, created_at desc, id desc);
-- squawk-ignore require-concurrent-index-creation
create index jobs_failed_idx on jobs (tenant_id, created_at desc, id desc) where status = 'failed';
-- squawk-ignore require-concurrent-index-deletion
drop index jobs_asset_idx;

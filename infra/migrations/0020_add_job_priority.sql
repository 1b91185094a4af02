-- Of the jobs that are due, those of higher priority are published first. Jobs of an earlier version have the default.
alter table jobs add column priority integer not null default 0;

-- The relay takes the due jobs of each kind in this order. Building the index reads the table once and blocks writes to
-- jobs meanwhile; only pending jobs are in it. It replaces jobs_to_publish_idx, which a later migration drops.
-- squawk-ignore require-concurrent-index-creation
create index jobs_due_idx on jobs (job_type, priority desc, run_after) where status = 'pending' and waits_for is null;

-- What other nouns may read of an asset: its title, and what decides who sees it. With the rights of the reading role, so
-- that row level security of assets applies.
create view asset_labels with (security_invoker = true) as select id, title, visibility, created_by from assets;
grant select on asset_labels to akashi_app;

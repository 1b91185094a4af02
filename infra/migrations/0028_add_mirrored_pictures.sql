-- Some cameras store pictures mirrored, and say so beside the rotation: flipped from left to right, then rotated.
alter table technical_metadata add column is_mirrored boolean not null default false;

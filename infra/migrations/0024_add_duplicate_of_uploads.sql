-- The asset that has the bytes of a complete upload already, when the rule about duplicates kept it from becoming one.
alter table uploads add column duplicate_of uuid;

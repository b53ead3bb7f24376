-- How often an invite may be used; null: as often as people like.
alter table invites add column max_uses integer check (max_uses > 0);

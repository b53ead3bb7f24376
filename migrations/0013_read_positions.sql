-- How far a member has read, as an offset of the room's log. Null: from before this was written here.
alter table members add column read_offset bigint;
alter table members alter column read_offset set default 0;

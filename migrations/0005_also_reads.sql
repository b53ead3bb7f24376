-- Languages that somebody reads besides their reading language: what is written in them is left as it is.
alter table users add column also_reads text[] not null default '{}' check (cardinality(also_reads) <= 32);

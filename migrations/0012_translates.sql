-- False: translation is turned off in this conversation, everybody reads what was written.
alter table conversations add column translates boolean not null default true;

-- Guests came by an invite, without a password: they take part in the one conversation that it leads to.
alter table users add column is_guest boolean not null default false;
alter table users alter column password_hash drop not null;
alter table users add constraint users_password check (is_guest or password_hash is not null);

create table users (
  id uuid primary key,
  username text not null check (username ~ '^[A-Za-z0-9][A-Za-z0-9._-]{2,31}$'),
  display_name text not null check (char_length(display_name) between 1 and 64),
  -- bcrypt, with its cost and salt inside.
  password_hash text not null,
  reading_language text not null check (reading_language ~ '^[a-z]{2,3}$'),
  created_at timestamptz not null
);

-- One username whatever its case; collation C lets the same index find prefixes and order them.
create unique index users_username on users (lower(username) collate "C");

create table refresh_tokens (
  -- SHA-256 of the token, base64url: the token itself is nowhere stored.
  token_hash text primary key,
  -- All tokens that descend from one sign-in; revoking one of them ends the whole family.
  family uuid not null,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  rotated_at timestamptz,
  revoked_at timestamptz
);

create index refresh_tokens_family on refresh_tokens (family);
create index refresh_tokens_user on refresh_tokens (user_id, expires_at);

create table conversations (
  id uuid primary key,
  title text not null check (char_length(title) between 1 and 100),
  created_by uuid not null references users,
  created_at timestamptz not null,
  -- Of the last message, or of the creation.
  active_at timestamptz not null,
  -- How far the room's log has been written here: offsets compare only within one epoch. Null: nothing yet.
  epoch text,
  drained_offset bigint not null default 0 check (drained_offset >= 0)
);

create table members (
  conversation_id uuid not null references conversations on delete cascade,
  user_id uuid not null references users,
  role text not null check (role in ('owner', 'admin', 'member', 'guest')),
  joined_at timestamptz not null,
  left_at timestamptz,
  primary key (conversation_id, user_id)
);

create index members_user on members (user_id) where left_at is null;

create table invites (
  code text primary key,
  conversation_id uuid not null references conversations on delete cascade,
  created_by uuid not null references users,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  uses integer not null default 0 check (uses >= 0)
);

create index invites_conversation on invites (conversation_id);

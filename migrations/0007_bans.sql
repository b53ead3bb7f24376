-- Who may not come back into a conversation, until the ban is lifted and its row gone.
create table bans (
  conversation_id uuid not null references conversations on delete cascade,
  user_id uuid not null references users,
  banned_by uuid not null references users,
  -- Empty: none was given.
  reason text not null check (char_length(reason) <= 200),
  created_at timestamptz not null,
  primary key (conversation_id, user_id)
);

-- Conversations that somebody has muted for themselves.
create table mutes (
  conversation_id uuid not null references conversations on delete cascade,
  user_id uuid not null references users on delete cascade,
  -- Null: for good.
  until timestamptz,
  primary key (conversation_id, user_id)
);

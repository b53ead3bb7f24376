create table reactions (
  message_id uuid not null references messages on delete cascade,
  emoji text not null check (char_length(emoji) between 1 and 32),
  user_id uuid not null references users,
  -- Of the event that put it there, or took it away: a later one of the same emoji by the same person counts.
  log_offset bigint not null,
  removed boolean not null,
  created_at timestamptz not null,
  primary key (message_id, emoji, user_id)
);

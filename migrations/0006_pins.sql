create table pins (
  message_id uuid primary key references messages on delete cascade,
  -- Who pinned it or, when removed, unpinned it.
  user_id uuid not null references users,
  -- Of the event that did so: a later one of the same message counts.
  log_offset bigint not null,
  removed boolean not null,
  created_at timestamptz not null
);

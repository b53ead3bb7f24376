create table messages (
  id uuid primary key,
  conversation_id uuid not null references conversations on delete cascade,
  epoch text not null,
  -- Of the event that created the message.
  log_offset bigint not null check (log_offset > 0),
  author_id uuid not null references users,
  client_message_id text not null check (char_length(client_message_id) between 1 and 64),
  revision integer not null check (revision > 0),
  -- Empty once deleted.
  text text not null check (char_length(text) <= 10000),
  -- Empty: not known.
  language text not null,
  -- No foreign key: a message survives whatever becomes of the one it answers.
  reply_to uuid,
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  unique (conversation_id, author_id, client_message_id),
  unique (conversation_id, epoch, log_offset)
);

create index messages_latest on messages (conversation_id, created_at desc) where deleted_at is null;

-- Every revision of a message that was edited; a message that never was has its only text in messages.
create table message_revisions (
  message_id uuid not null references messages on delete cascade,
  revision integer not null check (revision > 0),
  text text not null,
  language text not null,
  created_at timestamptz not null,
  primary key (message_id, revision)
);

create table translations (
  message_id uuid not null references messages on delete cascade,
  revision integer not null check (revision > 0),
  language text not null,
  text text not null,
  status text not null
    check (status in ('translated', 'same_language', 'nothing_to_translate', 'low_confidence', 'failed')),
  reason text not null,
  source_language text not null,
  engine text not null,
  model text not null,
  model_version text not null,
  confidence real not null,
  created_at timestamptz not null,
  primary key (message_id, revision, language)
);

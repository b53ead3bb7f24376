-- Pages of history go by offset across the logs that a conversation has had: a new one goes on after the old one's offsets.
create index messages_by_offset on messages (conversation_id, log_offset);

-- in: op uuid · out: reply_message bigint, reply bytea · rows: maybe
select o.reply_message::bigint as reply_message, o.reply from op o where o.id = :op

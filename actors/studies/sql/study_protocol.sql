-- in: viewer bigint, study bigint · out: may bool, study_type int, structure text, study json, form json, will_be_rejected bool · rows: one
select may_study(:viewer, s.id, 'write_details') as may, s.study_type,
       coalesce(s.structure ->> 'exact_text', jsonb_pretty(s.structure)) as structure,
       json_build_object('id', s.id, 'uuid', s.uuid, 'name', s.name, 'state', s.state) as study,
       json_build_object('values', json_build_object(
           'use_generator', s.use_generator, 'structure', coalesce(s.structure ->> 'exact_text', jsonb_pretty(s.structure)),
           'generator', coalesce(nullif(s.generator, ''),
E'function generateProtocol(child, pastSessions) {\n    /* child: the child that takes part; pastSessions: what it did in this study before, newest first */\n    return {\n        frames: {},\n        sequence: []\n    };\n}'))) as form,
       s.state in ('approved', 'active', 'paused', 'deactivated') as will_be_rejected
from study s
where s.id = :study and s.state <> 'archived' and may_know(:viewer, s.id, 'write_details')

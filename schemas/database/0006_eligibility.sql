-- Does a study fit a child? Age window, earlier participation, and the criteria expression of the researcher.
--
-- It never stops anybody; it decides what is listed, who is written to, and what the family is told. The expression is compiled
-- once, when the study is saved, into a program for a machine with a stack of truths, three numbers an instruction:
--
--     1 op bit      condition bit is set          5 op n    number of languages op n
--     2 op bit      language bit is set           6 op n    gestational age in weeks op n; false when unknown
--     3 op gender   gender op (1 m 2 f 3 o 4 na)  7 op 0    gestational age unknown (op =) or known (op !=)
--     4 op n        age in days op n              8 9 10    NOT, AND, OR
--     op: 1 =   2 !=   3 <   4 <=   5 >   6 >=
--
--     expression  = conjunction {"OR" conjunction}       conjunction = factor {"AND" factor}
--     factor      = "NOT" factor | "(" expression ")" | comparison

-- The words of an expression and where they stand. A slash belongs to a word (n/a).
create function criteria_tokens(expression text) returns table (place int, word text)
language plpgsql immutable strict parallel safe as $$
declare
    rest text := expression;
    part text;
begin
    place := 1;
    while rest <> '' loop
        part := substring(rest from '^(\s+|[A-Za-z0-9_]+(?:/[A-Za-z0-9_]+)*|<=|>=|!=|[<>=()]|.)');
        if part !~ '^\s' then
            word := part;
            return next;
        end if;
        place := place + length(part);
        rest := substr(rest, length(part) + 1);
    end loop;
end $$;

create function criteria_fail(expression text, place int, seen text, wanted text) returns void
language plpgsql immutable parallel safe as $$
declare
    before text := left(expression, place - 1);
    line   int := length(before) - length(replace(before, E'\n', '')) + 1;
    col    int := place - coalesce(length(substring(before from '^.*\n')), 0);
begin
    raise exception 'line %, column %: %, where one of these was expected: %', line, col,
        case when seen is null then 'the end' else '"' || left(seen, 40) || '"' end, wanted
        using errcode = 'LK010';
end $$;

-- One comparison, beginning at words[at]: its instruction, and how many words it took.
create function criteria_comparison(expression text, words text[], places int[], at int, out code int[], out taken int)
language plpgsql stable parallel safe as $$
declare
    name  text := words[at];
    op    int := array_position('{=,!=,<,<=,>,>=}', words[at + 1]);
    value text := words[at + 2];
    bit   int;
    n     int;
begin
    select c.bit into bit from condition c where c.code = name;
    if found then
        code := array[1, 1, bit]; taken := 1; return;
    end if;
    select l.bit into bit from language l where 'speaks_' || l.code = name;
    if found then
        code := array[2, 1, bit]; taken := 1; return;
    end if;
    if name is null or name not in ('gender', 'age_in_days', 'n_languages', 'num_languages', 'gestational_age_in_weeks') then
        perform criteria_fail(expression, places[at], name, 'NOT, (, gender, age_in_days, n_languages, num_languages, '
                              'gestational_age_in_weeks, a condition, or speaks_ and a language code');
    end if;
    if op is null or (name = 'gender' and op > 2) then
        perform criteria_fail(expression, places[at + 1], words[at + 1],
                              case when name = 'gender' then '= or !=' else '=, !=, <, <=, > or >=' end);
    end if;
    taken := 3;
    if name = 'gender' then
        n := case lower(value) when 'male' then 1 when 'm' then 1 when 'female' then 2 when 'f' then 2 when 'other' then 3
                               when 'o' then 3 when 'na' then 4 when 'n/a' then 4 end;
        if n is null then
            perform criteria_fail(expression, places[at + 2], value, 'male, female, other or na');
        end if;
        code := array[3, op, n];
    elsif name = 'gestational_age_in_weeks' then
        if lower(value) in ('na', 'n/a') and op <= 2 then
            code := array[7, op, 0];
        elsif value ~ '^0*(2[4-9]|3[0-9]|40)$' then
            code := array[6, op, value::int];
        else
            perform criteria_fail(expression, places[at + 2], value,
                                  '24 to 40' || case when op <= 2 then ' or na' else '' end);
        end if;
    elsif value ~ '^[0-9]+$' then -- digits without bound: no child is older than this
        code := array[case when name = 'age_in_days' then 4 else 5 end, op, least(value::numeric, 2000000000)::int];
    else
        perform criteria_fail(expression, places[at + 2], value, 'a whole number');
    end if;
end $$;

-- Takes operators off the stack into the program while they bind at least as tightly as weight.
create function criteria_pop(inout program int[], inout stack text[], weight int)
language plpgsql immutable parallel safe as $$
declare
    k int;
begin
    loop
        k := array_position('{OR,AND,NOT}', stack[cardinality(stack)]);
        exit when k is null or k < weight;
        program := program || array[11 - k, 0, 0];
        stack := trim_array(stack, 1);
    end loop;
end $$;

-- Null for a blank expression. Raises LK010 with line, column and what was expected.
create function criteria_compile(expression text) returns int[]
language plpgsql stable parallel safe as $$
declare
    words   text[];
    places  int[];
    program int[] := '{}';
    stack   text[] := '{}'; -- operators and open parentheses (shunting-yard)
    i       int := 1;
    is_operand_due bool := true;
    one     record;
begin
    if length(expression) > 10000 then
        raise exception 'longer than 10000 characters' using errcode = 'LK010';
    end if;
    select array_agg(t.word order by t.place), array_agg(t.place order by t.place) into words, places
    from criteria_tokens(expression) t;
    if words is null then
        return null;
    end if;
    places := places || (length(expression) + 1) || (length(expression) + 1) || (length(expression) + 1);
    loop
        if is_operand_due and words[i] in ('NOT', '(') then
            if cardinality(stack) >= 200 then
                perform criteria_fail(expression, places[i], words[i], 'at most 200 open parentheses and NOTs');
            end if;
            stack := stack || words[i];
        elsif is_operand_due then
            one := criteria_comparison(expression, words, places, i);
            program := program || one.code;
            i := i + one.taken - 1;
            is_operand_due := false;
        elsif words[i] in ('AND', 'OR') then
            select * into program, stack from criteria_pop(program, stack, array_position('{OR,AND}', words[i]));
            stack := stack || words[i];
            is_operand_due := true;
        else
            select * into program, stack from criteria_pop(program, stack, 1);
            if words[i] is null and cardinality(stack) = 0 then
                return program;
            elsif words[i] is distinct from ')' or cardinality(stack) = 0 then
                perform criteria_fail(expression, places[i], words[i],
                                      case when cardinality(stack) = 0 then 'AND, OR or the end' else 'AND, OR or )' end);
            end if;
            stack := trim_array(stack, 1); -- the open parenthesis
        end if;
        i := i + 1;
    end loop;
end $$;

-- For the study form: null when fine, else one sentence.
create function criteria_check(expression text) returns text
language plpgsql stable parallel safe as $$
begin
    perform criteria_compile(expression);
    return null;
exception when sqlstate 'LK010' then
    return sqlerrm;
end $$;

-- weeks null: unknown. A stored 0 means under 24 weeks and counts as 23.
create function gestational_weeks(code smallint) returns int
language sql immutable strict parallel safe as $$
    select code + 23
$$;

create function criteria_run(program int[], age_in_days int, gender text, gestational_age smallint, conditions bigint,
                             languages bigint) returns bool
language plpgsql immutable parallel safe as $$
declare
    stack bool[] := '{}';
    top   int := 0;
    op    int;
    arg   int;
    value int;
    truth bool;
begin
    for at in 1..coalesce(cardinality(program), 0) by 3 loop
        op := program[at + 1];
        arg := program[at + 2];
        case program[at]
            when 8 then
                stack[top] := not stack[top];
                continue;
            when 9 then
                top := top - 1;
                stack[top] := stack[top] and stack[top + 1];
                continue;
            when 10 then
                top := top - 1;
                stack[top] := stack[top] or stack[top + 1];
                continue;
            when 1 then truth := conditions >> arg & 1 = 1;
            when 2 then truth := languages >> arg & 1 = 1;
            when 7 then truth := (gestational_age is null) = (op = 1);
            else
                value := case program[at]
                    when 3 then array_position('{m,f,o,na}', gender)
                    when 4 then age_in_days
                    when 5 then bit_count(languages::bit(64))::int
                    when 6 then gestational_weeks(gestational_age)
                end;
                truth := coalesce(case op when 1 then value = arg when 2 then value <> arg when 3 then value < arg
                                          when 4 then value <= arg when 5 then value > arg when 6 then value >= arg end, false);
        end case;
        top := top + 1;
        stack[top] := truth;
    end loop;
    return top = 0 or stack[1];
end $$;

-- ---- the three rules ---------------------------------------------------------------------------------------------------

-- Days outside the window: negative too young, positive too old, 0 fits. Both ends belong to it.
create function age_distance(age_in_days int, min_days int, max_days int) returns int
language sql immutable strict parallel safe as $$
    select case when age_in_days < min_days then age_in_days - min_days when age_in_days > max_days then age_in_days - max_days else 0 end
$$;

-- A study counts once the child reached a first frame; for a study elsewhere, once the link was followed. Previews never count.
create function has_participated(child bigint, study bigint) returns bool
language plpgsql stable parallel safe as $$
begin
    return exists (select from response r join study s on s.id = r.study
                   where r.child = has_participated.child and r.study = has_participated.study and not r.is_preview
                     and (s.study_type = 2 or cardinality(r.sequence) > 0));
end $$;

create function participation_fits(child bigint, study bigint) returns bool
language plpgsql stable parallel safe as $$
begin
    return not exists (select from must_have_participated m
                       where m.study = participation_fits.study and not has_participated(participation_fits.child, m.other))
       and not exists (select from must_not_have_participated m
                       where m.study = participation_fits.study and has_participated(participation_fits.child, m.other));
end $$;

-- An expression that could not be compiled fits nobody; a blank one fits all.
create function criteria_fits(c child, s study) returns bool
language plpgsql stable parallel safe as $$
begin
    if s.criteria_program is null then
        return s.criteria_expression !~ '\S';
    end if;
    return criteria_run(s.criteria_program, site_today() - c.birthday, c.gender, c.gestational_age_at_birth,
                        c.existing_conditions, c.languages_spoken);
end $$;

-- Codes as they are stored with a response: {Eligible}, or every reason that applies, sorted.
create function eligibility(c child, s study) returns text[]
language plpgsql stable parallel safe as $$
declare
    distance int := age_distance(site_today() - c.birthday, s.min_days, s.max_days);
    reasons  text[] := '{}';
begin
    if not criteria_fits(c, s) then
        reasons := reasons || 'Ineligible_CriteriaExpression'::text;
    end if;
    if not participation_fits(c.id, s.id) then
        reasons := reasons || 'Ineligible_Participation'::text;
    end if;
    if distance > 0 then
        reasons := reasons || 'Ineligible_TooOld'::text;
    elsif distance < 0 then
        reasons := reasons || 'Ineligible_TooYoung'::text;
    end if;
    return case when reasons = '{}' then '{Eligible}' else reasons end;
end $$;

-- The same as one truth, cheapest rule first.
create function is_eligible(c child, s study) returns bool
language plpgsql stable parallel safe as $$
begin
    return age_distance(site_today() - c.birthday, s.min_days, s.max_days) = 0
       and criteria_fits(c, s) and participation_fits(c.id, s.id);
end $$;

#!/usr/bin/env python3
"""routes.def + messages/*.toml + api.toml -> openapi.json, the OpenAPI 3.1 document of the JSON:API.

usage: openapi.py SCHEMAS_DIR ROUTES_DEF VERSION OUT_FILE

Paths, methods and who may ask come from the table of routes; parameters and what may be sent, with their bounds, from the message that
a route asks; what is answered from api.toml. Refuses a route of the API whose resource api.toml does not know.
"""
import json
import re
import sys
import tomllib
from pathlib import Path

from messages import Field, Message, fail, load

ROUTE = re.compile(r'^ROUTE\((\w+),\s*"([^"]+)",\s*(\w+),\s*(\w+),\s*(JSONAPI\w*)\)', re.M)
OWN = {"viewer", "session", "address", "origin", "path", "query", "op_id", "method", "faults", "nulls", "document", "signature",
       "in_study"}  # bound by the gateway, or made by it
MEDIA = "application/vnd.api+json"
TYPE_OF_PATH = {"video": "videos", "past-sessions": "responses"}
READS = {"text": {"type": "string"}, "bool": {"type": "boolean"}, "integer": {"type": "integer"},
         "timestamp": {"type": "string", "format": "date-time"}, "date": {"type": "string", "format": "date"}, "json": {},
         "url": {"type": "string", "format": "uri"}, "texts": {"type": "array", "items": {"type": "string"}},
         "dates": {"type": "array", "items": {"type": "string", "format": "date"}}}
SENT = {"str": {"type": "string"}, "uuid": {"type": "string", "format": "uuid"}, "bool": {"type": "boolean"}, "json": {},
        "time": {"type": "string"}, "bin": {"type": "string"}}
ERRORS = {"400": "The request does not fit: the document says where.", "401": "Nobody is logged in, or the token is not known.",
          "403": "You may not do that.", "404": "There is no such thing, or you may not know of it.",
          "406": "The API answers in application/vnd.api+json.", "409": "The document speaks of something else than the address.",
          "415": "The API reads application/vnd.api+json."}


def ref(name: str) -> dict:
    return {"$ref": f"#/components/schemas/{name}"}


def base_schema(kind: str, largest: int) -> dict:
    if kind in SENT:
        return dict(SENT[kind])
    schema = {"type": "integer"}
    if kind.startswith("u"):
        schema |= {"minimum": 0}
    return schema | ({"maximum": largest} if largest < 2**53 else {})


def sent_schema(field: Field) -> dict:
    schema = base_schema(field.item or field.type, field.max)
    if schema.get("type") == "string" and "format" not in schema:
        schema["maxLength"] = field.max
    if field.item:
        schema = {"type": "array", "items": schema, "maxItems": field.list_max}
    return schema | {"description": field.doc}


def is_relationship(field: Field, message: Message) -> bool:
    return field.type == "uuid" and f"{field.name}_type" in {f.name for f in message.fields}


# ---- components


def attribute_schema(row: dict) -> dict:
    schema = dict(READS[row["type"]])
    if row.get("null") and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema | {"description": row["doc"]}


def relationships_schema(names: list[str]) -> dict:
    return {"type": "object", "properties": {name: ref("Relationship") for name in names}}


def resource_schema(name: str, row: dict) -> dict:
    return {
        "type": "object", "description": row["doc"], "required": ["type", "id", "attributes", "links"],
        "properties": {
            "type": {"type": "string"}, "id": {"type": "string", "format": "uuid"},
            "attributes": {"type": "object", "additionalProperties": False,
                           "properties": {a["name"]: attribute_schema(a) for a in row["attribute"]}},
            **({"relationships": relationships_schema(row["relationship"])} if row["relationship"] else {}),
            "links": {"type": "object", "required": ["self"], "properties": {"self": {"type": "string", "format": "uri"}}}}}


def fixed_schemas() -> dict:
    page = {"type": ["string", "null"], "format": "uri"}
    return {
        "Relationship": {
            "type": "object", "required": ["links"],
            "properties": {"links": {"type": "object", "properties": {"related": {"type": ["string", "null"], "format": "uri"}}},
                           "data": {"oneOf": [{"type": "null"}, ref("Identifier")]}}},
        "Identifier": {"type": "object", "required": ["type", "id"],
                       "properties": {"type": {"type": "string"}, "id": {"type": "string", "format": "uuid"}}},
        "Pages": {
            "type": "object", "required": ["first", "last", "next", "prev", "meta"],
            "properties": {"first": page, "last": page, "next": page, "prev": page,
                           "meta": {"type": "object", "required": ["page", "pages", "count"],
                                    "properties": {k: {"type": "integer"} for k in ("page", "pages", "count")}}}},
        "Errors": {
            "type": "object", "required": ["errors"],
            "properties": {"errors": {"type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["detail", "status", "code"],
                "properties": {"detail": {"type": "string"}, "status": {"type": "string"}, "code": {"type": "string"},
                               "source": {"type": "object", "properties": {"pointer": {"type": "string"}}}}}}}}}


def components(resources: dict) -> dict:
    schemas = fixed_schemas()
    for name, row in resources.items():
        schemas[name] = resource_schema(name, row)
    return {
        "schemas": schemas,
        "responses": {code: {"description": words, "content": {MEDIA: {"schema": ref("Errors")}}} for code, words in ERRORS.items()},
        "securitySchemes": {
            "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "The word Token, a blank, and the token of an account."},
            "session": {"type": "apiKey", "in": "cookie", "name": "sessionid",
                        "description": "Of a browser that is logged in. What changes something repeats the cookie csrftoken in the header X-CSRFToken."}}}


# ---- paths


def document(resource: str, is_list: bool, is_paged: bool) -> dict:
    data = {"type": "array", "items": ref(resource)} if is_list else ref(resource)
    links = {"links": ref("Pages")} if is_paged else {}
    return {"type": "object", "required": [*links, "data"], "properties": {**links, "data": data}}


def signature(field: Field) -> dict:
    return {"name": "X-Aws-Lambda-Hmac-Sig", "in": "header", "required": True, "schema": {"type": "string"},
            "description": field.doc}


def sparse(resource: str) -> dict:
    return {"name": f"fields[{resource}]", "in": "query", "required": False, "schema": {"type": "string"},
            "description": "Only these attributes and relationships, by their names, with commas between them; pk stays."}


def parameters(pattern: str, message: Message, method: str, resource: str | None) -> list[dict]:
    fields = {f.name: f for f in message.fields}
    inside = re.findall(r"\{(\w+)(?::([^}]+))?\}", pattern)
    found = [{"name": name.removeprefix("in_"), "in": "path", "required": True,
              "schema": {"type": "string", "enum": choices.split("|")} if choices else sent_schema(fields[name])} for name, choices in inside]
    if method == "get":
        found += [{"name": f.name, "in": "query", "required": False, "description": f.doc, "schema": sent_schema(f)}
                  for f in message.fields if f.name not in OWN and f.name not in dict(inside)]
    if resource and "query" in fields:
        found.append(sparse(resource))
    if "signature" in fields:
        found.append(signature(fields["signature"]))
    return found


def request_body(message: Message, resource: str, pattern: str, has_id: bool) -> dict:
    inside = set(re.findall(r"\{(\w+)", pattern))
    open_fields = [f for f in message.fields if f.name not in OWN | inside]
    relations = [f for f in open_fields if is_relationship(f, message)]
    types = {f"{f.name}_type" for f in relations}
    attributes = [f for f in open_fields if f not in relations and f.name not in types]
    data = {"type": {"type": "string", "const": resource}, **({"id": {"type": "string", "format": "uuid"}} if has_id else {}),
            "attributes": {"type": "object", "properties": {f.name: sent_schema(f) for f in attributes},
                           "required": [f.name for f in attributes if f.needed]}}
    if relations:
        data["relationships"] = {"type": "object", "required": [f.name for f in relations if f.needed],
                                 "properties": {f.name: {"type": "object", "required": ["data"], "properties": {"data": ref("Identifier")}}
                                                for f in relations}}
    needed = ["type"] + (["id"] if has_id else [])
    schema = {"type": "object", "required": ["data"], "properties": {"data": {"type": "object", "required": needed, "properties": data}}}
    return {"required": True, "content": {MEDIA: {"schema": schema}}}


def answers(method: str, schema: dict, who: str) -> dict:
    codes = ["400", "404", "406"] + ([] if who == "ANYONE" and method == "get" else ["401"]) + (["403", "409", "415"] if method != "get" else [])
    good = "201" if method == "post" else "200"
    return {good: {"description": "What was asked for." if method == "get" else "As it is now.", "content": {MEDIA: {"schema": schema}}},
            **{code: {"$ref": f"#/components/responses/{code}"} for code in sorted(codes)}}


def operation(route: tuple, message: Message, resources: dict) -> dict:
    method, pattern, who, _, _ = route
    method, last = method.lower(), [part for part in pattern.split("/") if part and part[0] != "{"][-1]
    operation_id = f"{method}_{re.sub(r'[^a-z]+', '_', re.sub(r':[^}]*', '', pattern)).strip('_')}"
    is_item = pattern.endswith("}/")
    if last == "api":  # the index
        schema, resource = {"type": "object", "properties": {"data": {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}}}, None
    else:
        resource = TYPE_OF_PATH.get(last, last)
        if resource not in resources:
            fail(pattern, f"schemas/api.toml does not know {resource}")
        is_list = method == "get" and (not is_item or last == "past-sessions")
        schema = document(resource, is_list, is_list and last != "past-sessions")
    said = {"operationId": operation_id, "summary": message.doc, "parameters": parameters(pattern, message, method, "past_sessions" if last == "past-sessions" else resource),
            "responses": answers(method, schema, who)}
    if resource:
        said["tags"] = [resource]
    if who == "ANYONE":
        said["security"] = []
    if method in ("post", "put", "patch"):
        said["requestBody"] = request_body(message, resource, pattern, is_item)
    return said


def main() -> None:
    schemas, table, version, out = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    messages = {m.c_name: m for m in load(schemas / "messages")}
    resources = tomllib.loads((schemas / "api.toml").read_text())
    paths: dict[str, dict] = {}
    for route in ROUTE.findall(table.read_text()):
        if route[0] == "NONE" or not route[1].startswith("/api/"):
            continue
        path = re.sub(r"\{(?:in_)?(\w+)(?::[^}]*)?\}", r"{\1}", route[1])
        paths.setdefault(path, {})[route[0].lower()] = operation(route, messages[route[3]], resources)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Lookit JSON:API", "version": version,
                 "description": "Studies, families and sessions as JSON:API 1.0 documents, for players and for researchers' programs. v1 and v2 are the same."},
        "servers": [{"url": "/"}], "security": [{"token": []}, {"session": []}], "paths": paths, "components": components(resources)}
    out.write_text(json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n")


main()

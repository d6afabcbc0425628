# SPDX-License-Identifier: GPL-2.0-or-later
"""doc/record.schema.json and doc/event.schema.json, as strict as a test wants them:
a field that is not written down there is a fault."""
import copy
import json
import os

import jsonschema

from kamailio import TOP


def load(name):
    with open(os.path.join(TOP, "doc", f"{name}.schema.json")) as file:
        return json.load(file)


def fields(schema):
    """names of all fields that a schema knows"""
    found = set()
    for name, inner in schema.get("properties", {}).items():
        found |= {name} | fields(inner)
    return found | (fields(schema["items"]) if "items" in schema else set())


def _closed(schema):
    if isinstance(schema, dict):
        for inner in schema.values():
            _closed(inner)
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    elif isinstance(schema, list):
        for inner in schema:
            _closed(inner)
    return schema


def _validator(name):
    schema = load(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(_closed(copy.deepcopy(schema)))


RECORD, EVENT = _validator("record"), _validator("event")


def check_record(text):
    """The record as an object; what does not keep to the schema fails the test."""
    record = json.loads(text)
    RECORD.validate(record)
    return record


def check_event(text):
    event = json.loads(text)
    EVENT.validate(event)
    return event

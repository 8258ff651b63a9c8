import {
  compilePattern,
  defineTransformer,
  isObject,
  type Json,
  type JsonObject,
  Options,
  Pattern,
  setAt,
  shapes,
} from '@millrace/core';
import { Type } from 'typebox';
import { withPart } from './made-shapes.ts';
import { type FieldKey, fieldsToList, fieldsToObject } from './writing/custom-fields.ts';

export const customFields = defineTransformer({
  description:
    "Turns HaloITSM's list of custom fields into an object of values, or back. What is in the wanted form already stays; the publisher takes objects, so that the way back is rarely needed.",
  options: Options({
    at: Pattern({ default: 'customfields', description: 'Where they are; `fields` for those of assets' }),
    to: Type.Unsafe<'object' | 'list'>({
      type: 'string',
      enum: ['object', 'list'],
      default: 'object',
      description: 'The form to make',
    }),
    key: Type.Unsafe<FieldKey>({
      type: 'string',
      enum: ['name', 'id', 'label'],
      default: 'name',
      description: 'What fields are called in the object; what is written back needs name or id',
    }),
    display: Type.Boolean({
      default: false,
      description: 'true: the text that people see in place of the value, where Halo tells it',
    }),
  }),
  examples: [
    {
      title: 'As an object',
      options: {},
      given: {
        id: 7,
        customfields: [
          { id: 101, name: 'CFcostCentre', label: 'Cost centre', type: 0, value: 'CC-7' },
          {
            id: 105,
            name: 'CFequipment',
            type: 7,
            value: [{ id: 1, customfields: [{ id: 106, name: 'CFequipmentName', value: 'Dock' }] }],
          },
        ],
      },
      made: {
        id: 7,
        customfields: { CFcostCentre: 'CC-7', CFequipment: [{ id: 1, CFequipmentName: 'Dock' }] },
      },
    },
    {
      title: 'Back, in a payload; a table field is replaced by the rows that are sent',
      options: { at: 'payload.customfields', to: 'list' },
      given: {
        payload: { customfields: { CFcostCentre: 'CC-8', CFequipment: [{ CFequipmentName: 'Dock' }] } },
      },
      made: {
        payload: {
          customfields: [
            { name: 'CFcostCentre', value: 'CC-8' },
            {
              name: 'CFequipment',
              value: [{ customfields: [{ name: 'CFequipmentName', value: 'Dock' }] }],
            },
          ],
        },
      },
    },
    {
      title: 'The fields of an asset, as people see them',
      options: { at: 'fields', key: 'label', display: true },
      given: {
        fields: [
          { id: 3, name: 'Warranty', label: 'Warranty expires', value: '2027-01-01', display: '1 Jan 2027' },
        ],
      },
      made: { fields: { 'Warranty expires': '1 Jan 2027' } },
    },
  ],
  shape({ at }, check) {
    check.place(['at']);
    return withPart(check.record, at, shapes.UNKNOWN);
  },
  create({ at, to, key, display }) {
    const pattern = compilePattern(at);
    const convert = (value: Json): Json => {
      if (to === 'object')
        return Array.isArray(value) ? fieldsToObject(value as readonly Json[], { key, display }) : value;
      return isObject(value) ? fieldsToList(value) : value;
    };
    return {
      transform: (data) =>
        pattern
          .match(data)
          .reduce<JsonObject>(
            (record, { path, value }) => setAt(record, path, convert(value)) as JsonObject,
            data,
          ),
    };
  },
});

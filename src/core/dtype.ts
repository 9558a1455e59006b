// Tensor element types by the names the field uses; the one list that the model, source, binding and sink agree on.

export const dtypes = [
  'float32',
  'float64',
  'float16',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
  'string',
] as const;

export type Dtype = (typeof dtypes)[number];

/** The DuckDB type that holds every value of a dtype. DuckDB has no half float: float16 travels as FLOAT. */
export const sqlTypeOfDtype: Readonly<Record<Dtype, string>> = {
  float32: 'FLOAT',
  float64: 'DOUBLE',
  float16: 'FLOAT',
  int8: 'TINYINT',
  int16: 'SMALLINT',
  int32: 'INTEGER',
  int64: 'BIGINT',
  uint8: 'UTINYINT',
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
  uint64: 'UBIGINT',
  bool: 'BOOLEAN',
  string: 'VARCHAR',
};

export const isFloat = (dtype: Dtype): boolean => dtype.startsWith('float');
export const isInteger = (dtype: Dtype): boolean => dtype.includes('int');

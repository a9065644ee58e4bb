/** Cost Explorer gives each figure with ten decimals. */
export const roundedTo = "0.0000000001";

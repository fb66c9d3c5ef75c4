"""The pages of the audit trail: read, followed object by object, and taken along, each reader in their scope."""

"""CalDAV (RFC 4791), with sync-collection (RFC 6578)."""

"""What the project's databases share: numbered migrations, and small SQLite files opened for each use."""

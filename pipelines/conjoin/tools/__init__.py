"""What people do beside the nightly run: link files of their own, judge labelled pairs, begin a project."""

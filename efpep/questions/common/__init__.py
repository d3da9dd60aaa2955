"""What kinds of questions share: how steps are recorded, what is required of a method and a setting, and what sentences say."""

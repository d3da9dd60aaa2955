"""Laws of the literature put to the test, configuration by configuration, with proof."""

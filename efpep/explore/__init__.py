"""A local page with sliders: proved rates, landscapes and runs of methods whose rate is known in closed form."""

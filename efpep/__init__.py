"""efpep: proved worst-case rates of error-feedback methods for distributed optimisation with compressed communication."""

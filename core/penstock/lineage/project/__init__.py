"""All models of a project, each derived after those it reads; what is kept between runs; the graph of columns."""
